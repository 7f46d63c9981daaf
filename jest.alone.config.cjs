const together = require('./jest.config.cjs');

const [modules, alone] = together.testPathIgnorePatterns;

/**
 * Tests that fill the machine by themselves, one after the other: what others do meanwhile would be part of what they measure.
 *
 * @type {import('jest').Config}
 */
const config = { ...together, testRegex: alone, testPathIgnorePatterns: [modules], maxWorkers: 1 };
delete config.testMatch;

module.exports = config;
