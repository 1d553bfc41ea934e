/**
 * Whether each host has an address, asked of the C library as libkrb5 asks it; and what canonicalization by DNS would have made
 * of the names, which we have switched off.
 */
import { lookup, lookupService } from 'node:dns/promises'
import { isIP } from 'node:net'
import { notTried, ok, type Said } from '../../core/doctor/finding.ts'
import { hostOf, namesOf } from './connection.ts'
import type { Checked, Known } from './run-checks.ts'

type Look = {
  readonly host: string
  readonly address?: string
  readonly code?: string
  /** The name of the address; absent when it has none. */
  readonly reverse?: string
}

export async function namesProbe({ policy }: Known<'names'>): Promise<Checked<'names'>> {
  const names = namesOf(policy).filter((host) => isIP(host) === 0)
  if (names.length === 0) return { findings: [notTried('there are addresses only')], value: true }
  const looks = await Promise.all(names.map(look))
  const services = new Set(policy.cluster.nameNodes.map(hostOf))
  const lost = looks.filter(({ address }) => address === undefined).map(noAddress)
  const others = looks.filter(({ host, reverse }) => services.has(host) && reverse !== undefined && reverse !== host)
  return { findings: [...lost, ...summary(looks, others)], value: true }
}

async function look(host: string): Promise<Look> {
  try {
    const { address } = await lookup(host)
    const reverse = await lookupService(address, 0).then(
      ({ hostname }) => hostname.toLowerCase(),
      () => undefined,
    )
    return { host, address, ...(reverse === undefined || reverse === address ? {} : { reverse }) }
  } catch (error) {
    return { host, code: String((error as NodeJS.ErrnoException).code) }
  }
}

function noAddress({ host, code }: Look): Said {
  const advice =
    'correct the name in the HadoopCluster, or the DNS that the pod asks; an address of a NameNode would not match its certificate'
  return { state: 'fail', about: host, says: `it has no address (${code})`, advice }
}

function summary(looks: readonly Look[], others: readonly Look[]): readonly Said[] {
  const found = looks.filter(({ address }) => address !== undefined)
  if (found.length === 0) return []
  const have = found.length === 1 ? `${found[0]?.host} has an address` : `${found.length} hosts have addresses`
  const [other] = others
  if (other === undefined) return [ok(`${have}; DNS does not rename NameNodes`)]
  return [ok(`${have}; ${other.host} is \`${other.reverse}\` in reverse, which nobody asks`)]
}
