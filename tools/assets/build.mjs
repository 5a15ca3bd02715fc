// Builds the committed static files of comity.ui: app.css, app.js, icons.svg and the fonts.
// Run by maintainers (see README.md here); never by the person who installs.
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync, mkdirSync, existsSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import subsetFont from 'subset-font';

const out = new URL('../../src/comity/ui/static/ui/', import.meta.url);
const at = path => new URL(path, out);
const put = (path, data) => {
  writeFileSync(at(path), data);
  console.log(path.padEnd(28), gzipSync(data, { level: 9 }).length, 'bytes gzip');
};

// Icons: one sprite of the names in icons.txt.
const names = readFileSync(at('icons.txt'), 'utf8').split('\n').filter(Boolean);
const symbols = names.map(name => {
  const svg = readFileSync(`node_modules/@tabler/icons/icons/outline/${name}.svg`, 'utf8');
  const body = svg.replace(/<!--[\s\S]*?-->/g, '').replace(/[\s\S]*?<svg[^>]*>/, '').replace('</svg>', '').replace(/\s+/g, ' ').replaceAll(' />', '/>').replaceAll('> <', '><');
  return `<symbol id="${name}" viewBox="0 0 24 24">${body.trim()}</symbol>`;
});
put('icons.svg', `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>\n`);

// Script and style: one file each, stamped with a hash of their sources (a test compares it).
const stamp = end => {
  const hash = createHash('sha256');
  for (const name of readdirSync(at('src/')).filter(n => n.endsWith(end)).sort()) hash.update(readFileSync(at(`src/${name}`)));
  return `/* sources ${hash.digest('hex').slice(0, 16)} */\n`;
};
const common = { bundle: true, minify: true, write: false, target: 'esnext', legalComments: 'none', charset: 'utf8', external: ['*.woff2'] };
const js = await build({ ...common, entryPoints: [at('src/app.js').pathname], format: 'iife', nodePaths: ['node_modules'], alias: { 'htmx.org': './node_modules/htmx.org/dist/htmx.esm.js' } });
put('app.js', stamp('.js') + js.outputFiles[0].text);
const css = await build({ ...common, entryPoints: [at('src/app.css').pathname] });
put('app.css', stamp('.css') + css.outputFiles[0].text.replaceAll('../fonts/', 'fonts/'));

// What only some pages need has files of its own: each loads where its page asks for it. Modules are asked for by the
// script of all pages (src/later.js), when somebody begins to use their part.
const modules = ['board', 'card', 'docs', 'drag', 'layouts', 'report', 'today'];
// EventCalendar's build is a script that leaves one name behind, no module.
const first = { 'calendar.js': readFileSync('node_modules/@event-calendar/build/dist/event-calendar.min.js', 'utf8').replace(/\/\/# sourceMappingURL.*/, '') + ';\n' };
for (const name of ['calendar', ...modules])
  for (const end of ['js', 'css']) {
    if (!existsSync(at(`src/${name}.${end}`))) continue;
    const own = await build({ ...common, entryPoints: [at(`src/${name}.${end}`).pathname], format: modules.includes(name) ? 'esm' : 'iife', nodePaths: ['node_modules'] });
    put(`${name}.${end}`, stamp(`.${end}`) + (first[`${name}.${end}`] ?? '') + own.outputFiles[0].text);
  }

// Fonts: the letters of our languages, weights 450 to 700; already compressed, so size is size.
const range = (...pairs) => pairs.map(([a, b = a]) => String.fromCodePoint(...Array.from({ length: b - a + 1 }, (_, i) => a + i))).join('');
const sets = {
  latin: range([0x20, 0x7e], [0xa0, 0xff], [0x131], [0x152, 0x153], [0x2c6], [0x2da], [0x2dc], [0x2013, 0x2014], [0x2018, 0x201a], [0x201c, 0x201e], [0x2022], [0x2026], [0x2032, 0x2033], [0x2039, 0x203a], [0x20ac], [0x2116], [0x2122], [0x2190, 0x2193], [0x2212], [0x21b5]),
  'latin-ext': range([0x100, 0x17f], [0x218, 0x21b], [0x1e80, 0x1e85], [0x1e9e], [0x20ba], [0x20b4], [0x20bd]),
  cyrillic: range([0x400, 0x45f], [0x490, 0x491], [0x4b0, 0x4b1], [0x2116]),
};
mkdirSync(at('fonts/'), { recursive: true });
for (const [name, text] of Object.entries(sets)) {
  const source = readFileSync(`node_modules/@fontsource-variable/manrope/files/manrope-${name}-wght-normal.woff2`);
  const font = await subsetFont(source, text, { targetFormat: 'woff2', variationAxes: { wght: { min: 450, max: 700, default: 450 } } });
  writeFileSync(at(`fonts/manrope-${name}.woff2`), font);
  console.log(`fonts/manrope-${name}.woff2`.padEnd(28), font.length, 'bytes');
}
if (existsSync('node_modules/@fontsource-variable/manrope/LICENSE'))
  writeFileSync(at('fonts/OFL.txt'), readFileSync('node_modules/@fontsource-variable/manrope/LICENSE'));
