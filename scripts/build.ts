/** `npm run build`: the library into `dist/`, the CNI executables into `dist/cni/`. */
import { buildCni } from './build-cni.ts';
import { buildLibrary, exportedFiles } from './build-library.ts';

try {
  buildLibrary();
  console.log(`dist/: ${[...exportedFiles().keys()].join(' ')}`);
  buildCni();
  console.log('dist/cni/bin/: bridge, with a hard link for each other plugin');
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
