/**
 * The version of this package, as the plugins and the command report it. A constant, because the
 * executables do not contain package.json; a test keeps the two equal.
 */
export const VERSION = '1.2.0';
