/** `npm run site:serve`: shows the built site. */
import { serve } from './browser.ts';

const { url } = await serve(process.env['SITE_BASE'] ?? '/', Number(process.env['PORT'] ?? 4173));
console.log(`the site is at ${url}`);
