/** Operations that read what is in a file, or say where its bytes are. */
import { NO_BLOCK_TOKENS } from '../answers/block-locations.ts'
import { on } from '../demands.ts'
import { type Operation, row } from '../operation.ts'

export const READING: readonly Operation[] = [
  row({
    method: 'GET',
    name: 'OPEN',
    answeredBy: 'datanode',
    parameters: ['offset', 'length', 'buffersize'],
    demands: ({ path }) => [on('read', path)],
  }),
  // Who may compare checksums knows the content that he guesses.
  row({ method: 'GET', name: 'GETFILECHECKSUM', answeredBy: 'datanode', demands: ({ path }) => [on('read', path)] }),
  // What Hadoop before 3.4 asks, with a block token for each block: whoever has one reads it from any DataNode.
  row({
    method: 'GET',
    name: 'GET_BLOCK_LOCATIONS',
    parameters: ['offset', 'length'],
    demands: ({ path }) => [on('read', path)],
    filter: NO_BLOCK_TOKENS,
  }),
  row({
    method: 'GET',
    name: 'GETFILEBLOCKLOCATIONS',
    parameters: ['offset', 'length'],
    demands: ({ path }) => [on('read', path)],
  }),
]
