/** The package `webhdfs` from npm, by its callbacks. */
const { promisify } = require('node:util')

const [folder] = process.argv.slice(2)
const gateway = new URL(process.env.KERBSIDE_WEBHDFS)
const client = require('webhdfs').createClient({ user: 'somebody', host: gateway.hostname, port: gateway.port })
const ask = (name, ...words) => promisify(client[name].bind(client))(...words)

async function main() {
  console.log('version', require('webhdfs/package.json').version)
  await ask('mkdir', folder)
  console.log('did mkdir')
  await ask('writeFile', `${folder}/file`, 'one')
  await ask('appendFile', `${folder}/file`, ' two')
  console.log('did writeFile, appendFile')
  if (String(await ask('readFile', `${folder}/file`)) !== 'one two') throw new Error('not what was written')
  console.log('did readFile')
  const names = (await ask('readdir', folder)).map(({ pathSuffix }) => pathSuffix)
  if (names.join() !== 'file') throw new Error(`listed: ${names}`)
  console.log('did readdir')
  await ask('rename', `${folder}/file`, `${folder}/renamed`)
  console.log('did rename')
  await ask('unlink', folder, true)
  console.log('did unlink')
  await ask('readdir', '/data/weather').catch((error) => console.log('refused', error.message))
}

main()
