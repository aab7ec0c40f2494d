/** The entry point of the executables. */
import './globals.ts';
import '../plugins/main.ts';
