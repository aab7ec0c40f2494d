/**
 * A CAN bus controller: `IFLA_INFO_DATA` of kind `can`. Drivers create these links; a request can
 * only change one.
 *
 * include/uapi/linux/can/netlink.h, `IFLA_CAN_*`; ip-link(8); `ip link set can0 type can bitrate
 * 500000 dbitrate 2000000 fd on`.
 */
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import {
  bool32,
  counted,
  u16,
  u32,
  type Input,
  type Static,
} from '../../../netlink/codec/codec.ts';
import { enumOf, flagsOf } from '../../../netlink/codec/enums.ts';
import { packed } from '../../../netlink/codec/list.ts';
import { nested } from '../../../netlink/codec/nested.ts';
import { struct } from '../../../netlink/codec/struct.ts';
import { chars } from '../../../netlink/codec/embedded.ts';

/** A rate, or the lengths of the parts of a bit in time quanta; the kernel computes the others. */
export const canBittiming = struct('can_bittiming', {
  bitrate: counted(u32, 'bit/s'),
  samplePoint: u32,
  tq: counted(u32, 'ns'),
  propSeg: u32,
  phaseSeg1: u32,
  phaseSeg2: u32,
  sjw: u32,
  brp: u32,
});

/** The limits of the controller. */
export const canBittimingConst = struct('can_bittiming_const', {
  name: chars(16),
  tseg1Min: u32,
  tseg1Max: u32,
  tseg2Min: u32,
  tseg2Max: u32,
  sjwMax: u32,
  brpMin: u32,
  brpMax: u32,
  brpInc: u32,
});

export const canClock = struct('can_clock', { freq: counted(u32, 'Hz') });

/** `CAN_STATE_*`. */
const state = enumOf(u32, {
  'error-active': 0,
  'error-warning': 1,
  'error-passive': 2,
  'bus-off': 3,
  stopped: 4,
  sleeping: 5,
});

/** `CAN_CTRLMODE_*`, by the options of `ip link`. */
const mode = flagsOf(u32, {
  loopback: 0x1,
  'listen-only': 0x2,
  'triple-sampling': 0x4,
  'one-shot': 0x8,
  'berr-reporting': 0x10,
  fd: 0x20,
  'presume-ack': 0x40,
  'fd-non-iso': 0x80,
  'cc-len8-dlc': 0x100,
  'tdc-auto': 0x200,
  'tdc-manual': 0x400,
  restricted: 0x800,
  xl: 0x1000,
  'xl-tdc-auto': 0x2000,
  'xl-tdc-manual': 0x4000,
  tms: 0x8000,
});

export const canCtrlmode = struct('can_ctrlmode', { mask: mode, flags: mode });
export const canBerrCounter = struct('can_berr_counter', { txerr: u16, rxerr: u16 });

/** Compensation of the transmitter's delay: offset, filter and value in clock periods. */
const tdc = attrs({
  tdcvMin: attr('IFLA_CAN_TDC_TDCV_MIN', 1, u32, 'minimum of tdcv'),
  tdcvMax: attr('IFLA_CAN_TDC_TDCV_MAX', 2, u32, 'maximum of tdcv'),
  tdcoMin: attr('IFLA_CAN_TDC_TDCO_MIN', 3, u32, 'minimum of tdco'),
  tdcoMax: attr('IFLA_CAN_TDC_TDCO_MAX', 4, u32, 'maximum of tdco'),
  tdcfMin: attr('IFLA_CAN_TDC_TDCF_MIN', 5, u32, 'minimum of tdcf'),
  tdcfMax: attr('IFLA_CAN_TDC_TDCF_MAX', 6, u32, 'maximum of tdcf'),
  tdcv: attr('IFLA_CAN_TDC_TDCV', 7, u32, 'delay, measured or set'),
  tdco: attr('IFLA_CAN_TDC_TDCO', 8, u32, 'offset of the second sample point'),
  tdcf: attr('IFLA_CAN_TDC_TDCF', 9, u32, 'window of the filter'),
});

const ctrlmodeExt = attrs({
  supported: attr('IFLA_CAN_CTRLMODE_SUPPORTED', 1, mode, 'modes of the controller'),
});

/** Lengths of the pulses (PWM) that switch CAN XL transceivers. */
const pwm = attrs({
  pwmsMin: attr('IFLA_CAN_PWM_PWMS_MIN', 1, u32, 'minimum of pwms'),
  pwmsMax: attr('IFLA_CAN_PWM_PWMS_MAX', 2, u32, 'maximum of pwms'),
  pwmlMin: attr('IFLA_CAN_PWM_PWML_MIN', 3, u32, 'minimum of pwml'),
  pwmlMax: attr('IFLA_CAN_PWM_PWML_MAX', 4, u32, 'maximum of pwml'),
  pwmoMin: attr('IFLA_CAN_PWM_PWMO_MIN', 5, u32, 'minimum of pwmo'),
  pwmoMax: attr('IFLA_CAN_PWM_PWMO_MAX', 6, u32, 'maximum of pwmo'),
  pwms: attr('IFLA_CAN_PWM_PWMS', 7, u32, 'short phase'),
  pwml: attr('IFLA_CAN_PWM_PWML', 8, u32, 'long phase'),
  pwmo: attr('IFLA_CAN_PWM_PWMO', 9, u32, 'offset'),
});

export const can = attrs({
  bittiming: attr('IFLA_CAN_BITTIMING', 1, canBittiming, 'bit timing'),
  bittimingConst: attr(
    'IFLA_CAN_BITTIMING_CONST',
    2,
    canBittimingConst,
    'bit timing limits of the controller',
  ),
  clock: attr('IFLA_CAN_CLOCK', 3, canClock, 'clock of the controller'),
  state: attr('IFLA_CAN_STATE', 4, state, 'state of the controller'),
  ctrlmode: attr('IFLA_CAN_CTRLMODE', 5, canCtrlmode, 'modes, with a mask of those to change'),
  restartMs: attr(
    'IFLA_CAN_RESTART_MS',
    6,
    u32,
    'delay from bus-off to the automatic restart, in ms; 0: none',
  ),
  restart: attr('IFLA_CAN_RESTART', 7, bool32, 'restart now; only in requests'),
  berrCounter: attr('IFLA_CAN_BERR_COUNTER', 8, canBerrCounter, 'error counters'),
  dataBittiming: attr('IFLA_CAN_DATA_BITTIMING', 9, canBittiming, 'bit timing of CAN FD data'),
  dataBittimingConst: attr(
    'IFLA_CAN_DATA_BITTIMING_CONST',
    10,
    canBittimingConst,
    'bit timing limits of CAN FD data',
  ),
  termination: attr('IFLA_CAN_TERMINATION', 11, u16, 'termination resistance, in Ω'),
  terminationConst: attr(
    'IFLA_CAN_TERMINATION_CONST',
    12,
    packed(u16),
    'supported termination resistances, in Ω',
  ),
  bitrateConst: attr('IFLA_CAN_BITRATE_CONST', 13, packed(u32), 'supported bit rates'),
  dataBitrateConst: attr(
    'IFLA_CAN_DATA_BITRATE_CONST',
    14,
    packed(u32),
    'supported bit rates of CAN FD data',
  ),
  bitrateMax: attr('IFLA_CAN_BITRATE_MAX', 15, u32, 'maximum bit rate of the transceiver'),
  tdc: attr('IFLA_CAN_TDC', 16, nested(tdc), "compensation of the transmitter's delay"),
  ctrlmodeExt: attr(
    'IFLA_CAN_CTRLMODE_EXT',
    17,
    nested(ctrlmodeExt),
    'further information about modes',
  ),
  xlDataBittiming: attr(
    'IFLA_CAN_XL_DATA_BITTIMING',
    18,
    canBittiming,
    'bit timing of CAN XL data',
  ),
  xlDataBittimingConst: attr(
    'IFLA_CAN_XL_DATA_BITTIMING_CONST',
    19,
    canBittimingConst,
    'bit timing limits of CAN XL data',
  ),
  xlDataBitrateConst: attr(
    'IFLA_CAN_XL_DATA_BITRATE_CONST',
    20,
    packed(u32),
    'supported bit rates of CAN XL data',
  ),
  xlTdc: attr('IFLA_CAN_XL_TDC', 21, nested(tdc), 'the same as tdc for CAN XL'),
  xlPwm: attr('IFLA_CAN_XL_PWM', 22, nested(pwm), 'pulses for the transceiver of CAN XL'),
});

export type Can = Static<typeof can>;
export type CanInput = Input<typeof can>;
