/** Operations on snapshots. One freezes everything below, also what is taken away from a team later. */
import type { Demand } from '../../policy/decision/demand.ts'
import { SNAPSHOTTABLE } from '../answers/snapshottable.ts'
import { below, type Demanding, on } from '../demands.ts'
import { type Operation, refusedRow, row } from '../operation.ts'

/** A difference names everything below that changed. */
const demandsOfDifference = ({ path }: Demanding): Demand[] => [below('list', path), below('snap-read', path)]
const administered = ({ path }: Demanding): Demand[] => [below('snap-admin', path)]

const WHOLE_CLUSTER = 'whether a directory can have snapshots is for the administrator of HDFS'

export const SNAPSHOTS: readonly Operation[] = [
  row({ method: 'GET', name: 'GETSNAPSHOTLIST', demands: ({ path }) => [on('list', path), on('snap-read', path)] }),
  row({
    method: 'GET',
    name: 'GETSNAPSHOTTABLEDIRECTORYLIST',
    free: 'cluster-fact',
    demands: () => [],
    filter: SNAPSHOTTABLE,
  }),
  row({
    method: 'GET',
    name: 'GETSNAPSHOTDIFF',
    parameters: ['oldsnapshotname', 'snapshotname'],
    needs: ['oldsnapshotname', 'snapshotname'],
    demands: demandsOfDifference,
  }),
  row({
    method: 'GET',
    name: 'GETSNAPSHOTDIFFLISTING',
    parameters: ['oldsnapshotname', 'snapshotname', 'snapshotdiffstartpath', 'snapshotdiffindex'],
    needs: ['oldsnapshotname', 'snapshotname'],
    demands: demandsOfDifference,
  }),
  row({
    method: 'PUT',
    name: 'CREATESNAPSHOT',
    parameters: ['snapshotname'],
    repeatable: false,
    demands: administered,
  }),
  row({
    method: 'PUT',
    name: 'RENAMESNAPSHOT',
    parameters: ['oldsnapshotname', 'snapshotname'],
    needs: ['oldsnapshotname', 'snapshotname'],
    repeatable: false,
    demands: administered,
  }),
  row({
    method: 'DELETE',
    name: 'DELETESNAPSHOT',
    parameters: ['snapshotname'],
    needs: ['snapshotname'],
    repeatable: false,
    demands: administered,
  }),
  refusedRow('PUT', 'ALLOWSNAPSHOT', WHOLE_CLUSTER),
  refusedRow('PUT', 'DISALLOWSNAPSHOT', WHOLE_CLUSTER),
]
