import { readFileSync } from 'node:fs';
import { defineConfig, type DefaultTheme } from 'vitepress';

const messages = JSON.parse(
  readFileSync(new URL('../.generated/sidebar.json', import.meta.url), 'utf8'),
) as DefaultTheme.SidebarItem[];

const library = JSON.parse(
  readFileSync(new URL('../.generated/library.json', import.meta.url), 'utf8'),
) as DefaultTheme.SidebarItem[];

const sidebar: DefaultTheme.SidebarItem[] = [
  {
    text: 'Learn',
    items: [
      { text: 'Anatomy of a message', link: '/anatomy' },
      { text: 'Decoder', link: '/decoder' },
      { text: 'Messages', link: '/messages/' },
      { text: 'bridge, illustrated', link: '/illustrated/bridge' },
      { text: 'ipvlan, illustrated', link: '/illustrated/ipvlan' },
    ],
  },
  {
    text: 'Plugins',
    items: [
      { text: 'bridge', link: '/plugins/bridge' },
      { text: 'ipvlan', link: '/plugins/ipvlan' },
      { text: 'loopback', link: '/plugins/loopback' },
      { text: 'host-local', link: '/plugins/host-local' },
      { text: 'static', link: '/plugins/static' },
      { text: 'Recipes', link: '/recipes' },
    ],
  },
  {
    text: 'Library',
    items: [
      { text: 'Guide', link: '/library/guide' },
      { text: 'From ip, bridge and nft', link: '/library/commands' },
      { text: 'Errors', link: '/library/errors' },
      ...library,
    ],
  },
  ...messages,
];

export default defineConfig({
  srcDir: 'pages',
  outDir: '../dist/site',
  cacheDir: '../.cache/site',
  base: process.env['SITE_BASE'] ?? '/',
  lang: 'en',
  title: 'netlink-ts',
  description:
    'Linux netlink, explained byte by byte: every message, every attribute, on captured bytes.',
  cleanUrls: false,
  lastUpdated: false,
  // A visit loads the page that was asked for, not all that the sidebar names.
  router: { prefetchLinks: false },
  // Written into each page by the default theme otherwise, and the same everywhere.
  metaChunk: true,
  head: [
    [
      'link',
      {
        rel: 'icon',
        href: 'data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="8" height="8" rx="1.5" fill="%23256d85"/><path d="M2 6V2l4 4V2" stroke="%23fff" fill="none"/></svg>',
      },
    ],
  ],
  markdown: { theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' } },
  themeConfig: {
    nav: [
      { text: 'Anatomy', link: '/anatomy' },
      { text: 'Decoder', link: '/decoder' },
      { text: 'Messages', link: '/messages/', activeMatch: '/messages/' },
      { text: 'ADD, illustrated', link: '/illustrated/bridge', activeMatch: '/illustrated/' },
    ],
    sidebar,
    outline: { level: [2, 3] },
    search: { provider: 'local' },
    docFooter: { prev: false, next: false },
    externalLinkIcon: false,
  },
  vite: {
    server: { fs: { allow: ['../..'] } },
    worker: { format: 'es' },
    build: { chunkSizeWarningLimit: 2000 },
  },
});
