/** Makes folders by the hundred thousand in seconds: straight at a NameNode, many requests on their way at once. Inside the lab only. */
import { readFileSync } from 'node:fs'
import { connect } from 'node:tls'
import type { Standing } from './standing.ts'

/** Each has one request at the NameNode at a time, and HDFS syncs its log once for all that come together. */
const CONNECTIONS = 48
/** Requests that are on their way on one connection. */
const AHEAD = 32
const MADE = Buffer.from('{"boolean":true}')

/** @param paths as they stand in a URL */
export async function makeFolders(standing: Standing, paths: readonly string[]): Promise<void> {
  const host = `${await standing.active()}.lab`
  const left = [...paths].reverse()
  await Promise.all(Array.from({ length: CONNECTIONS }, () => makeSome(standing, host, left)))
}

function makeSome({ lab, delegationToken }: Standing, host: string, left: string[]): Promise<void> {
  const requestFor = (path: string) =>
    `PUT /webhdfs/v1${path}?op=MKDIRS&delegation=${delegationToken} HTTP/1.1\r\nHost: ${host}:9871\r\nContent-Length: 0\r\n\r\n`
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: 9871, ca: readFileSync(lab.files.authority) })
    let waitedFor = 0
    let unread: Buffer = Buffer.alloc(0)
    const send = () => {
      const paths = left.splice(Math.max(0, left.length - (AHEAD - waitedFor)))
      waitedFor += paths.length
      if (waitedFor === 0) socket.end()
      else if (paths.length > 0) socket.write(paths.map(requestFor).join(''))
    }
    socket.once('secureConnect', send)
    socket.on('data', (bytes) => {
      unread = Buffer.concat([unread, bytes])
      for (let at = unread.indexOf(MADE); at >= 0; at = unread.indexOf(MADE)) {
        unread = unread.subarray(at + MADE.length)
        waitedFor -= 1
      }
      if (unread.includes('RemoteException')) socket.destroy(new Error(unread.toString()))
      else if (waitedFor <= AHEAD / 2) send()
    })
    socket.on('error', reject)
    socket.on('close', () => (waitedFor === 0 ? resolve() : reject(new Error('the NameNode closed a connection'))))
  })
}
