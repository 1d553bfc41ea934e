/**
 * What we need of `node:http`, and none of the rest. An `import` of that module reads each of its exports, and some of them
 * (`WebSocket`, `MessageEvent`) are getters that load undici: 6 MiB in every process, for nothing.
 */
import type http from 'node:http'

const { Agent: NodeAgent, createServer, request } = process.getBuiltinModule('node:http')

export { createServer, request }
export type Agent = http.Agent
export const Agent: typeof http.Agent = NodeAgent
