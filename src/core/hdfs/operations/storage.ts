/** Operations on where and how HDFS keeps bytes. What is set on a directory holds for everything below. */
import type { Demand } from '../../policy/decision/demand.ts'
import { below, type Demanding, on } from '../demands.ts'
import { type Operation, refusedRow, row } from '../operation.ts'

const administered = ({ path }: Demanding): Demand[] => [below('admin', path)]

const WHOLE_CLUSTER = 'it changes the whole cluster'

export const STORAGE: readonly Operation[] = [
  row({ method: 'GET', name: 'GETSTORAGEPOLICY', demands: ({ path }) => [on('stat', path)] }),
  row({
    method: 'PUT',
    name: 'SETSTORAGEPOLICY',
    parameters: ['storagepolicy'],
    needs: ['storagepolicy'],
    demands: administered,
  }),
  row({ method: 'POST', name: 'UNSETSTORAGEPOLICY', demands: administered }),
  row({ method: 'PUT', name: 'SATISFYSTORAGEPOLICY', demands: administered }),
  row({ method: 'GET', name: 'GETECPOLICY', demands: ({ path }) => [on('stat', path)] }),
  row({ method: 'PUT', name: 'SETECPOLICY', parameters: ['ecpolicy'], needs: ['ecpolicy'], demands: administered }),
  row({ method: 'POST', name: 'UNSETECPOLICY', demands: administered }),
  row({
    method: 'PUT',
    name: 'SETQUOTA',
    parameters: ['namespacequota', 'storagespacequota'],
    demands: administered,
  }),
  row({
    method: 'PUT',
    name: 'SETQUOTABYSTORAGETYPE',
    parameters: ['storagetype', 'storagespacequota'],
    needs: ['storagetype', 'storagespacequota'],
    demands: administered,
  }),
  refusedRow('PUT', 'ENABLEECPOLICY', WHOLE_CLUSTER),
  refusedRow('PUT', 'DISABLEECPOLICY', WHOLE_CLUSTER),
]
