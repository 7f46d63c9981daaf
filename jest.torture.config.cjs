/** @type {import('jest').Config} */
module.exports = {
  ...require('./jest.config.cjs'),
  testMatch: ['**/test/torture/{torture,planted}.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
};
