/** Exits with code 7 while a monitor waits for notifications: nothing may hold the process back. */
import { open } from '../../src/rtnl/open.ts';

const rt = open();
void rt.monitor({ links: true }).next();
setTimeout(() => process.exit(7), 50);
