/** The driver on the engine of the executables. */
import '../../../src/host/globals.ts';
import './driver.ts';
