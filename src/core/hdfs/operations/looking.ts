/** Operations that look at names, sizes and dates. */
import { CHILDREN } from '../answers/children.ts'
import { NO_LINK } from '../answers/no-link.ts'
import { PAGE } from '../answers/page.ts'
import { below, on } from '../demands.ts'
import { type Operation, refusedRow, row } from '../operation.ts'

export const LOOKING: readonly Operation[] = [
  row({ method: 'GET', name: 'GETFILESTATUS', demands: ({ path }) => [on('stat', path)], filter: NO_LINK }),
  row({ method: 'GET', name: 'GETFILELINKSTATUS', demands: ({ path }) => [on('stat', path)], filter: NO_LINK }),
  refusedRow('GET', 'GETLINKTARGET', 'a symbolic link is another name for a path, and is not shown'),
  row({ method: 'GET', name: 'LISTSTATUS', demands: ({ path }) => [on('list', path)], filter: CHILDREN }),
  row({
    method: 'GET',
    name: 'LISTSTATUS_BATCH',
    parameters: ['startafter'],
    demands: ({ path }) => [on('list', path)],
    filter: PAGE,
  }),
  // Counts and sizes of everything below are facts about everything below.
  row({ method: 'GET', name: 'GETCONTENTSUMMARY', demands: ({ path }) => [below('list', path)] }),
  row({ method: 'GET', name: 'GETQUOTAUSAGE', demands: ({ path }) => [below('list', path)] }),
  // HDFS would answer with the principal's home, which is not the team's.
  row({
    method: 'GET',
    name: 'GETHOMEDIRECTORY',
    answeredBy: 'local',
    free: 'local-answer',
    demands: () => [],
    answer: ({ home }) => ({ Path: home }),
  }),
  // And with the principal's trash, which all of its teams would share.
  row({
    method: 'GET',
    name: 'GETTRASHROOT',
    answeredBy: 'local',
    free: 'local-answer',
    demands: () => [],
    answer: ({ home }) => ({ Path: `${home === '/' ? '' : home}/.Trash` }),
  }),
  refusedRow('GET', 'GETTRASHROOTS', 'it lists the trash of other users'),
]
