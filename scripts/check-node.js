// Run by npm before its scripts, with whatever `node` is first on the path. Old syntax and no imports, so that an old
// Node.js can say what is wrong instead of failing on the first line that is new to it.

var MIN_MAJOR = 22
var MIN_MINOR = 18

var version = process.versions.node
var parts = version.split('.')
var major = Number(parts[0])
var minor = Number(parts[1])

if (major < MIN_MAJOR || (major === MIN_MAJOR && minor < MIN_MINOR)) {
  console.error([
    'This needs Node.js ' + MIN_MAJOR + '.' + MIN_MINOR + ' or later, and `node` here is ' + version + ' (' + process.execPath + ').',
    '',
    '`npm ci` installs the right one as a devDependency (the package `node`), and npm scripts use it by themselves:',
    'run them as `npm test`, not as `node ...`.',
    '',
    'If you did run `npm ci`, that package\'s install script was not allowed to run, and left no Node.js behind. Look for',
    '- `--ignore-scripts`, or `ignore-scripts=true` in an .npmrc (`npm config get ignore-scripts`)',
    '- `"allowScripts": { "node": true }` missing in package.json: npm 12 and later run no other install scripts',
    'and run `npm ci` again without the one and with the other.'
  ].join('\n'))

  process.exit(1)
}
