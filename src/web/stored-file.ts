/**
 * One version of one file, with everything that its answers need prepared: validators, header fields,
 * and for a small file its bytes.
 */
import type { Stats } from 'node:fs';
import { FIELD, Fields, formatHttpDate, type Validators } from '../http/message/index.ts';
import type { FilePath } from './file-path.ts';
import type { OpenFile } from './open-file.ts';
import { share } from './shared-fields.ts';

/** What tells one version of a file from another. */
export interface FileVersion {
  readonly device: number;
  readonly inode: number;
  readonly size: number;
  readonly modifiedMs: number;
  /** Changes with every write even where a program sets the modification time back. */
  readonly changedMs: number;
}

/** Takes from a status of the file system what `isVersion` compares later. */
export function versionOf(status: Stats): FileVersion {
  return {
    device: status.dev,
    inode: status.ino,
    size: status.size,
    modifiedMs: status.mtimeMs,
    changedMs: status.ctimeMs,
  };
}

/** Whether a status describes this version. */
export function isVersion(version: FileVersion, status: Stats): boolean {
  return (
    version.inode === status.ino &&
    version.device === status.dev &&
    version.size === status.size &&
    version.modifiedMs === status.mtimeMs &&
    version.changedMs === status.ctimeMs
  );
}

/** Seconds since the epoch, whole and never negative, of a file's modification. */
export function modifiedSeconds(version: FileVersion): number {
  return Math.max(0, Math.floor(version.modifiedMs / 1000));
}

/** nginx's entity tag: modification time and size, both hexadecimal. */
export function entityTagOf(version: FileVersion): string {
  return `"${modifiedSeconds(version).toString(16)}-${version.size.toString(16)}"`;
}

/** What the fields of a file say besides what its status tells. */
export interface FieldsModel {
  readonly contentType: string;
  /** nginx `etag`. */
  readonly etag: boolean;
  readonly cacheControl: string | null;
  /** The coding of a precompressed twin; null for the file itself. */
  readonly coding: string | null;
  /** Whether the choice of this file depended on Accept-Encoding. */
  readonly varies: boolean;
  /** Whether ranges are served. Never of a twin, as in nginx: parts of encoded bytes help nobody. */
  readonly ranges: boolean;
}

/** Immutable but for its twins, which are set once, and the descriptor, which comes and goes with its readers. */
export class StoredFile implements Validators {
  readonly kind = 'file';
  readonly path: FilePath;
  readonly version: FileVersion;
  readonly size: number;
  readonly etag: string | null;
  readonly lastModified: number;
  readonly contentType: string;
  readonly coding: string | null;
  readonly ranges: boolean;
  /** All bytes of a file that is kept, latin1 text where they are few; null where they are read when needed. Nobody changes them. */
  readonly content: Buffer | string | null;
  /** The fields of a 200, shared. */
  readonly fields: Fields;
  /** The fields of a 304, shared (RFC 9110 §15.4.5). */
  readonly unmodifiedFields: Fields;
  /** Precompressed twins, in order of preference, and the names of their codings. */
  twins: readonly StoredFile[] = [];
  codings: readonly string[] = [];
  /** The descriptor, while somebody reads from it. */
  open: OpenFile | null = null;

  constructor(
    path: FilePath,
    version: FileVersion,
    content: Buffer | string | null,
    model: FieldsModel,
  ) {
    this.path = path;
    this.version = version;
    this.size = version.size;
    this.content = content;
    this.etag = model.etag ? entityTagOf(version) : null;
    this.lastModified = modifiedSeconds(version);
    this.contentType = model.contentType;
    this.coding = model.coding;
    this.ranges = model.ranges;
    const fields = new Fields();
    fields.appendKnown(FIELD.contentType, model.contentType);
    this.#validate(fields, model);
    if (model.coding !== null) fields.appendKnown(FIELD.contentEncoding, model.coding);
    if (model.ranges) fields.appendKnown(FIELD.acceptRanges, 'bytes');
    this.fields = share(fields);
    const unmodified = new Fields();
    this.#validate(unmodified, model);
    this.unmodifiedFields = share(unmodified);
  }

  #validate(fields: Fields, model: FieldsModel): void {
    fields.appendKnown(FIELD.lastModified, formatHttpDate(this.lastModified));
    if (model.varies) fields.appendKnown(FIELD.vary, 'Accept-Encoding');
    if (this.etag !== null) fields.appendKnown(FIELD.etag, this.etag);
    if (model.cacheControl !== null) fields.appendKnown(FIELD.cacheControl, model.cacheControl);
  }

  /** Bytes that the file costs while it is kept, its twins included; fields and objects by estimate. */
  get cost(): number {
    let cost =
      1500 + this.path.bytes.length * 3 + (this.content === null ? 0 : this.content.length);
    for (const twin of this.twins) cost += twin.cost;
    return cost;
  }
}
