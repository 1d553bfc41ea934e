/** Ends when the active NameNode has left safe mode and knows both DataNodes: only then can a file be written. */
import { setTimeout as wait } from 'node:timers/promises'
import { WebHdfs } from './webhdfs.ts'

const GIVE_UP_MS = 240_000
const DATANODES = 2

const hdfs = WebHdfs.here()
for (const deadline = Date.now() + GIVE_UP_MS; ; await wait(100)) {
  const state = await hdfs.bean('Hadoop:service=NameNode,name=FSNamesystemState')
  if (state['FSState'] === 'Operational' && state['NumLiveDataNodes'] === DATANODES) break
  if (Date.now() > deadline)
    throw new Error(`HDFS is not ready: ${state['FSState']}, ${state['NumLiveDataNodes']} DataNodes`)
}
