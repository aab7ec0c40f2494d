/** Where the executables begin. */
import './globals.ts';
import '../plugins/main.ts';
