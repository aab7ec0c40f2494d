/**
 * The version of this package, as the plugins and the command tell it. A constant and not read from package.json, which the executables
 * do not hold; a test keeps the two equal.
 */
export const VERSION = '1.2.0';
