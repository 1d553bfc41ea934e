/** Clients as they are, typed in the training container as its user would: each with exactly its environment. */
import { setTimeout as wait } from 'node:timers/promises'
import { finished } from './container.ts'
import type { Kubelet } from './kubelet.ts'
import type { Container } from './pod.ts'
import { promise } from './promises.ts'
import { shown } from './story.ts'

const GATEWAY = 'http://127.0.0.1:9870/webhdfs/v1'
const NPM_WEBHDFS = `
import { createRequire } from 'node:module'
const hdfs = createRequire('/kerbside/')('webhdfs').createClient({ host: '127.0.0.1', port: 9870, path: '/webhdfs/v1' })
hdfs.readdir('/data/market', (error, files) => console.log(error ? error.message : files.map((file) => file.pathSuffix)))
hdfs.readdir('/data/weather', (error, files) => console.log(error ? error.message : files.map((file) => file.pathSuffix)))
`

/** The training container's own command, from its spec. */
export async function runTraining(kubelet: Kubelet, train: Container): Promise<void> {
  const { code, output } = await finished(kubelet.start(train))
  shown(`${train.command?.join(' ')} …   # as uid 1000`, output)
  promise('the job ends with 0', code === 0)
  promise('it read the prices', /read {2}\/data\/market\/stocks\.csv: 560 rows/.test(output))
  promise('it wrote its model, and read it back', output.includes('"AAPL"'))
  promise('the weather is refused, with a sentence that says why', /quant-research.*\/data\/weather.*no-/s.test(output))
}

export async function otherClients(kubelet: Kubelet, train: Container): Promise<void> {
  const type = async (command: string, words: readonly string[] = ['sh', '-c', command]) => {
    const { output } = await finished(kubelet.start(train, words))
    shown(command, output)
    return output
  }
  const put = await type(
    `echo hello > /tmp/note; curl -sS -L -T /tmp/note '${GATEWAY}/team/quant/note?op=CREATE&overwrite=true' -w '%{http_code}'`,
  )
  promise('curl writes', put.includes('201'))
  promise('curl reads it back', (await type(`curl -sS -L '${GATEWAY}/team/quant/note?op=OPEN'`)).includes('hello'))
  const sibling = await type(`curl -sS '${GATEWAY}/data/market-restricted?op=LISTSTATUS'`)
  promise('a sibling whose name begins alike is refused', sibling.includes('RemoteException'))
  const dots = await type(`curl -sS --path-as-is '${GATEWAY}/data/market/%2e%2e/weather?op=LISTSTATUS'`)
  promise('so is a path with dot segments', dots.includes('dot-segment'))
  const node = ['/kerbside/node_modules/.bin/node', '--input-type=module', '-e', NPM_WEBHDFS]
  const npm = await type('node   # npm webhdfs: readdir /data/market, then /data/weather', node)
  promise('npm webhdfs lists one and is refused the other', npm.includes('stocks.csv') && npm.includes('may not'))
}

/** Asks again until the gateway answers so; the broker tells the sidecar as soon as it has read the new policy. */
export async function untilAnswered(kubelet: Kubelet, train: Container, status: '200' | '403'): Promise<boolean> {
  const command = `curl -sS -L -o /dev/null -w '%{http_code}' '${GATEWAY}/data/market/stocks.csv?op=OPEN'`
  for (const deadline = performance.now() + 20_000; performance.now() < deadline; await wait(250)) {
    const { output } = await finished(kubelet.start(train, ['sh', '-c', command]))
    if (output.trim() !== status) continue
    shown(command, output)
    return true
  }
  return false
}
