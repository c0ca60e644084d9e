const NAMES: Readonly<Record<number, string>> = {
  1: "InternalError",
  2: "BadValue",
  9: "FailedToParse",
  14: "TypeMismatch",
  17: "ProtocolError",
  18: "AuthenticationFailed",
  20: "IllegalOperation",
  26: "NamespaceNotFound",
  27: "IndexNotFound",
  28: "PathNotViable",
  40: "ConflictingUpdateOperators",
  43: "CursorNotFound",
  48: "NamespaceExists",
  52: "DollarPrefixedFieldName",
  53: "InvalidIdField",
  59: "CommandNotFound",
  66: "ImmutableField",
  67: "CannotCreateIndex",
  72: "InvalidOptions",
  73: "InvalidNamespace",
  85: "IndexOptionsConflict",
  86: "IndexKeySpecsConflict",
  91: "ShutdownInProgress",
  168: "InvalidPipelineOperator",
  238: "NotImplemented",
  10334: "BSONObjectTooLarge",
  11000: "DuplicateKey",
  14031: "OutOfDiskSpace",
  40324: "UnrecognizedStage",
  40415: "UnknownField",
};

/** A refusal with MongoDB's own error number, so that the driver treats it as it would treat the server's. */
export class MongoFault extends Error {
  readonly code: number;
  readonly codeName: string;
  /** Further fields of the answer, such as keyPattern and keyValue. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: number, message: string, details: Record<string, unknown> = {}) {
    super(message);
    this.code = code;
    this.codeName = NAMES[code] ?? `Location${code}`;
    this.details = details;
  }
}

/** Something that MongoDB can do and this store does not: an error is right where a guess could be wrong. */
export const unsupported = (what: string): MongoFault =>
  new MongoFault(238, `${what} is not supported by the embedded store`);

export const badValue = (message: string): MongoFault => new MongoFault(2, message);
