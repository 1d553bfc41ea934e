/** Operations on who may do what, as HDFS itself sees it: owners, permissions, ACLs. */
import { below, demandsOfAccess, demandsOfAclSpec, on } from '../demands.ts'
import { type Method, type Operation, row } from '../operation.ts'

const aclRow = (method: Method, name: string): Operation =>
  row({
    method,
    name,
    parameters: ['aclspec'],
    needs: ['aclspec'],
    decisive: ['aclspec'],
    demands: demandsOfAclSpec,
  })

export const ACCESS: readonly Operation[] = [
  row({ method: 'GET', name: 'GETACLSTATUS', demands: ({ path }) => [on('stat', path)] }),
  row({
    method: 'GET',
    name: 'CHECKACCESS',
    parameters: ['fsaction'],
    decisive: ['fsaction'],
    needs: ['fsaction'],
    demands: demandsOfAccess,
  }),
  row({
    method: 'PUT',
    name: 'SETPERMISSION',
    parameters: ['permission'],
    needs: ['permission'],
    demands: ({ path }) => [on('setattr', path)],
  }),
  row({
    method: 'PUT',
    name: 'SETOWNER',
    parameters: ['owner', 'group'],
    demands: ({ path }) => [on('admin', path)],
  }),
  aclRow('PUT', 'SETACL'),
  aclRow('PUT', 'MODIFYACLENTRIES'),
  aclRow('PUT', 'REMOVEACLENTRIES'),
  // The default entries are among what goes, and everything that is made below would have inherited them.
  row({ method: 'PUT', name: 'REMOVEDEFAULTACL', demands: ({ path }) => [below('acl', path)] }),
  row({ method: 'PUT', name: 'REMOVEACL', demands: ({ path }) => [below('acl', path)] }),
]
