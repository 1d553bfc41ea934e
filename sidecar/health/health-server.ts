/** Health and metrics over HTTP, for the kubelet and Prometheus. Anyone in the pod may read it: there is no secret in it. */
import { once } from 'node:events'
import type { Server } from 'node:http'
import { KerbsideError } from '../../src/core/errors.ts'
import { createServer } from '../../src/io/node-http.ts'
import { type Measured, metricsText } from './metrics.ts'
import { linesOf } from './standing.ts'

export type HealthServer = { readonly port: number; close(): Promise<void> }

type Page = { readonly status: 200 | 404 | 503; readonly body: string; readonly type?: string }

const PROMETHEUS = 'text/plain; version=0.0.4; charset=utf-8'

/**
 * `/healthz`: the process answers. `/readyz`: everything is there that an operation needs. `/startupz`: it was once; the
 * containers of the job start after that. `/metrics`.
 * @param port 0 for any free one
 * @throws KerbsideError `port-taken`
 */
export async function startHealthServer(port: number, measure: () => Measured): Promise<HealthServer> {
  let hasStarted = false
  const pageOf = (path: string): Page => {
    if (path === '/healthz') return { status: 200, body: 'alive\n' }
    if (path === '/metrics') return { status: 200, body: metricsText(measure()), type: PROMETHEUS }
    if (path !== '/readyz' && path !== '/startupz') return { status: 404, body: 'no such page\n' }
    const page = readiness(measure())
    hasStarted ||= page.status === 200
    return path === '/startupz' && hasStarted ? { status: 200, body: 'started\n' } : page
  }
  const server = createServer({ headersTimeout: 5000, requestTimeout: 5000 }, (request, response) => {
    const { status, body, type = 'text/plain; charset=utf-8' } = pageOf((request.url ?? '').split('?')[0] ?? '')
    response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body)
  })
  server.maxConnections = 64
  return { port: await listen(server, port), close: () => close(server) }
}

function readiness({ standing }: Measured): Page {
  const lines = linesOf(standing)
  const isReady = lines.every((line) => line.isReady)
  const body = [isReady ? 'ready' : 'not ready', ...lines.map(({ says }) => says), ''].join('\n')
  return { status: isReady ? 200 : 503, body }
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port)
  try {
    await once(server, 'listening')
  } catch (cause) {
    const hint = 'another process in the pod listens there, or a second sidecar runs'
    throw new KerbsideError('port-taken', `cannot listen on port ${port} for health and metrics`, { cause, hint })
  }
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : port
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}
