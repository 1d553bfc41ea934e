/** One name and one address a service, so that every service has its standard port. */
export const HOSTS = {
  'node1.lab': '10.77.0.1',
  'nn1.lab': '10.77.0.11',
  'nn2.lab': '10.77.0.12',
  'router.lab': '10.77.0.13',
  'plain-nn.lab': '10.77.0.14',
  'dn1.lab': '10.77.0.21',
  'dn2.lab': '10.77.0.22',
  'plain-dn.lab': '10.77.0.23',
  'corp-nn.lab': '10.77.0.15',
  'kdc.lab': '10.77.0.30',
  'kms.lab': '10.77.0.31',
  'kdc-corp.lab': '10.77.0.32',
  'kdc-overseas.lab': '10.77.0.33',
  'bao.lab': '10.77.0.40',
  'aws.lab': '10.77.0.41',
  'kafka.lab': '10.77.0.42',
  'collector.lab': '10.77.0.43',
  // The cluster address of the Service `kubernetes`: pods find the API server as on any cluster, although nothing forwards here.
  'api.lab': '10.96.0.1',
  'dns.lab': '10.77.0.53',
  'hook.lab': '10.77.0.60',
  'broker.lab': '10.77.0.61',
} as const

export const REALM = 'LAB'
/** Realms of the optional part `realms`: LAB trusts the first, and that one the second. */
export const OTHER_REALMS = ['CORP', 'OVERSEAS'] as const
export type OtherRealm = (typeof OTHER_REALMS)[number]
/** The lab's own daemons. */
export const LAB_NETWORK = '10.77.0.0/24'
/** Services of the cluster; the first address is `api.lab`. */
export const SERVICE_NETWORK = '10.96.0.0/24'
/** Pods' addresses: a bridge of their own, no route out. */
export const POD_NETWORK = '10.78.0.0/24'
export const NAMESERVICE = 'lab'

/** Principals with a keytab each in `<folder>/keytabs/<name>.keytab`, beside the daemons' own. */
export const TEAM_PRINCIPALS = ['quant', 'climate'] as const

/** The optional key management service, as Hadoop names one. */
export const KEY_PROVIDER = 'kms://https@kms.lab:9600/kms'
