/** Health and metrics. Anyone who reaches the port may read them: there is nothing of a record in them. */
import fastify, { type FastifyInstance } from 'fastify'
import type { ExportMetrics } from './metrics.ts'
import type { Running } from './run.ts'

export function exportServer(sinks: ReadonlyMap<string, Running>, { registry }: ExportMetrics): FastifyInstance {
  const server = fastify({ bodyLimit: 1024, requestTimeout: 10_000 })
  server.get('/healthz', (_, reply) => reply.type('text/plain; charset=utf-8').send('alive\n'))
  server.get('/readyz', (_, reply) => {
    const standings = [...sinks].map(([name, running]) => ({ name, ...running.standing() }))
    const isReady = standings.every(({ state }) => state === 'running')
    const lines = standings.map(({ name, state, code, behindBytes }) => {
      const behind = behindBytes > 0 ? `, ${behindBytes} bytes behind` : ''
      return `${name}: ${state}${code === undefined ? '' : `: ${code}`}${behind}`
    })
    const text = [isReady ? 'ready' : 'not ready', ...lines, ''].join('\n')
    return reply
      .code(isReady ? 200 : 503)
      .type('text/plain; charset=utf-8')
      .send(text)
  })
  server.get('/metrics', async (_, reply) => reply.type(registry.contentType).send(await registry.metrics()))
  return server
}
