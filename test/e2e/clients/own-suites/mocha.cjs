/** Runs the tests of npm `webhdfs` as mocha would, each told in a line of JSON; `webhdfs-proxy` is what leads to SUITE_URL. */
const { createServer, request } = require('node:http')
const Module = require('node:module')
const { resolve: absolute } = require('node:path')

const LONGEST_MS = 60_000

const { host, hostname, port: suitePort } = new URL(process.env.SUITE_URL)

/** Its tests begin a server in memory, at ports of their own: here these ports lead to what is to be tested. */
function createProxy({ http: { port } }, _storage, done) {
  const server = createServer((asked, answer) => {
    const { method, url: path } = asked
    const sent = request({ hostname, port: suitePort, method, path, headers: { ...asked.headers, host } }, (told) => {
      answer.writeHead(told.statusCode, told.headers)
      told.pipe(answer)
    })
    sent.on('error', () => answer.destroy())
    asked.pipe(sent)
  })
  server.listen(port, '127.0.0.1', done)
}

const STAND_INS = new Map([
  ['webhdfs-proxy', { createServer: createProxy }],
  ['webhdfs-proxy-memory', {}],
])
const load = Module._load
Module._load = (name, ...rest) => STAND_INS.get(name) ?? load(name, ...rest)

/** In their order; those without a name only prepare. */
const steps = []
let around = ''
const context = { timeout() {} }
globalThis.describe = (name, body) => {
  around = name
  body.call(context)
}
globalThis.before = (run) => steps.push({ run })
globalThis.it = (name, run) => steps.push({ name: `${around} ${name}`, run })
require(absolute(process.argv[2]))

/** Resolves with what went wrong; with nothing, when all was well. */
const ended = (run) =>
  new Promise((resolve) => {
    const fail = (error) => resolve(String(error?.message ?? error).split('\n')[0] || 'failed')
    const late = setTimeout(fail, LONGEST_MS, 'was never done')
    process.removeAllListeners('uncaughtException')
    process.on('uncaughtException', fail)
    try {
      run.call(context, (error) => {
        clearTimeout(late)
        if (error) fail(error)
        else resolve('')
      })
    } catch (error) {
      fail(error)
    }
  })

async function all() {
  for (const { name, run } of steps) {
    const said = await ended(run)
    if (name !== undefined) console.log(JSON.stringify({ test: name, end: said === '' ? 'passed' : 'failed', said }))
  }
  process.exit(0)
}
all()
