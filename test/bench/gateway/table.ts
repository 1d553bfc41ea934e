/** How the four ways are told side by side: each figure, its ratio to the straight way, and the goal. */
import { print } from '../row.ts'
import type { Figures } from './rows.ts'
import { WAY_NAMES } from './ways.ts'

const WIDTHS = [50, 14, 14, 14, 14, 10, 30] as const

export function tableHeader(): void {
  console.log()
  print(['through', ...WAY_NAMES, 'of direct', 'goal'], WIDTHS)
}

/** @param ratio of ours to the straight way; none where there is no such thing */
export type Line = {
  readonly what: string
  readonly cells: readonly string[]
  readonly ratio?: string
  readonly goal?: string
}

export const line = ({ what, cells, ratio = '', goal = '' }: Line): void => print([what, ...cells, ratio, goal], WIDTHS)

export const figureOf = (figures: Figures, name: (typeof WAY_NAMES)[number]): number =>
  figures.get(name)?.figure ?? Number.NaN

/** More is better: rates. */
export function rateLine(what: string, figures: Figures, unit: string, goal: string): void {
  const cells = WAY_NAMES.map((name) => `${figureOf(figures, name).toFixed(0)} ${unit}`)
  const ratio = `${(figureOf(figures, 'kerbside') / figureOf(figures, 'direct')).toFixed(2)}×`
  line({ what, cells, ratio, goal })
}

/** Less is better: what one request takes. */
export function latencyLine(what: string, figures: Figures, goal: string): void {
  const cells = WAY_NAMES.map((name) => `${figureOf(figures, name).toFixed(2)} ms`)
  const added = figureOf(figures, 'kerbside') - figureOf(figures, 'direct')
  line({ what, cells, ratio: `${added < 0 ? '' : '+'}${added.toFixed(2)} ms`, goal })
}

/** Processor time for what was moved: on a machine whose cores are full, this is what rates come from. */
export function costLine(what: string, figures: Figures, of: 'proxySeconds' | 'clientSeconds'): void {
  const cells = WAY_NAMES.map((name) => {
    const measured = figures.get(name)
    if (measured === undefined || (of === 'proxySeconds' && name === 'direct')) return '–'
    return `${(measured[of] / measured.gigabytes).toFixed(1)} s/GB`
  })
  line({ what, cells })
}
