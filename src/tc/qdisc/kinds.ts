/**
 * The known kinds of qdiscs, `TCA_KIND`, with their `TCA_OPTIONS`, and those of their classes. Each
 * file has similar kinds.
 *
 * tc(8), "QDISCS".
 */
import { kinds } from '../../netlink/codec/by-kind.ts';
import { cake } from './kinds/cake.ts';
import {
  cbs,
  drrClass,
  drrXstats,
  etf,
  ets,
  mqprio,
  qfqClass,
  qfqXstats,
  taprio,
} from './kinds/classes.ts';
import { codel, codelXstats, fqCodel, fqCodelClassXstats, fqCodelXstats } from './kinds/codel.ts';
import { bfifo, multiq, pfifo, plain, prio, skbprio } from './kinds/fifo.ts';
import { fq, fqXstats } from './kinds/fq.ts';
import { hfsc, hfscClass, hfscXstats } from './kinds/hfsc.ts';
import { htb, htbXstats } from './kinds/htb.ts';
import { netem } from './kinds/netem.ts';
import { fqPie, fqPieXstats, hhf, hhfXstats, pie, pieXstats } from './kinds/pie.ts';
import { choke, chokeXstats, red, redXstats, sfb, sfbXstats, sfq, sfqXstats } from './kinds/red.ts';
import { tbf } from './kinds/tbf.ts';

const ofQdiscs = {
  bfifo,
  cake,
  cbs,
  choke,
  clsact: plain,
  codel,
  drr: plain,
  etf,
  ets,
  fq,
  fq_codel: fqCodel,
  fq_pie: fqPie,
  hfsc,
  hhf,
  htb,
  ingress: plain,
  mq: plain,
  mqprio,
  multiq,
  netem,
  noqueue: plain,
  pfifo,
  pfifo_fast: prio,
  pfifo_head_drop: pfifo,
  pie,
  prio,
  qfq: plain,
  red,
  sfb,
  sfq,
  skbprio,
  taprio,
  tbf,
};

const ofClasses = { drr: drrClass, ets, hfsc: hfscClass, htb, qfq: qfqClass };

const xstatsOfQdiscs = {
  choke: chokeXstats,
  codel: codelXstats,
  fq: fqXstats,
  fq_codel: fqCodelXstats,
  fq_pie: fqPieXstats,
  hhf: hhfXstats,
  pie: pieXstats,
  red: redXstats,
  sfb: sfbXstats,
};

const xstatsOfClasses = {
  drr: drrXstats,
  fq_codel: fqCodelClassXstats,
  hfsc: hfscXstats,
  htb: htbXstats,
  qfq: qfqXstats,
  sfq: sfqXstats,
};

type Qdiscs = typeof ofQdiscs;
type Classes = typeof ofClasses;
type QdiscXstats = typeof xstatsOfQdiscs;
type ClassXstats = typeof xstatsOfClasses;

/** Options by kind. Open to declaration merging, as `LinkKinds` is. */
export interface QdiscKinds extends Qdiscs {}
export interface ClassKinds extends Classes {}
/** Counters by kind. */
export interface QdiscXstatsKinds extends QdiscXstats {}
export interface ClassXstatsKinds extends ClassXstats {}

/** The registries; programs can add kinds. */
export const qdiscKinds = kinds('kind of qdisc', ofQdiscs);
export const classKinds = kinds('kind of class', ofClasses);
export const qdiscXstats = kinds('kind of qdisc', xstatsOfQdiscs);
export const classXstats = kinds('kind of class', xstatsOfClasses);
