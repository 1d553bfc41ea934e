/** What to do about each kind of failure, where the failure itself does not say it better. */
import type { ErrorCode } from '../errors.ts'

export const ADVICE: ReadonlyMap<ErrorCode, string> = new Map<ErrorCode, string>([
  [
    'bad-settings',
    'the webhook writes the settings: compare the injection it was started with, and create the pod anew',
  ],
  [
    'secret-unauthenticated',
    'compare what the role of the store demands with the token: audience, namespace, service account',
  ],
  ['secret-forbidden', 'let this role of the store read that path; it needs nothing else'],
  ['secret-not-found', 'put it there, or correct `secret` in the Identity or the HadoopCluster'],
  ['secret-unavailable', 'is the store up and unsealed, and does a NetworkPolicy let this pod reach its port?'],
  ['keytab-malformed', 'write the keytab anew (ktadd, ktpass), check it with klist -k -e, and put the file itself in'],
  ['bad-configuration', 'correct the file that `configuration` of the HadoopCluster names; jobs run on without it'],
  ['kdc-unreachable', 'is the KDC up, is `kdcs` of the HadoopCluster right, and may this pod reach its port by TCP?'],
  ['kerberos-refused', 'compare principal and key at the KDC with the keytab: kvno, realm, letter case'],
  [
    'hdfs-unreachable',
    'is the NameNode up, is `nameNodes` of the HadoopCluster right, and may this pod reach its port?',
  ],
  [
    'hdfs-untrusted',
    'the `ca.pem` of the cluster must hold the CA that signed the certificate, whose names must hold the host',
  ],
  [
    'hdfs-no-active',
    'make one NameNode active: hdfs haadmin -getAllServiceState, then look at its failover controllers',
  ],
  ['hdfs-broken-answer', 'is it the HTTPS port of a NameNode (`dfs.namenode.https-address`), with nothing in between?'],
  ['broker-unreachable', 'is the broker up, and does a NetworkPolicy let this pod reach it?'],
  [
    'broker-refused',
    'the broker says why in its log; `kerbside policy check` and the labels of the pod are where to look',
  ],
  ['bad-policy', 'correct the policy first: kerbside policy check'],
])
