/** Who wants to know of documents. */
export interface DocumentListener {
  /** The source was read, with news or without. */
  onReached(): void;
  /** A document that was not told before, as the source holds it; nobody has checked it. */
  onDocument(text: string): void;
  /** The source cannot be read now; it goes on trying. */
  onFault(error: unknown): void;
}

/** A place that holds one document and may change it at any time. */
export interface DocumentSource {
  /** Tells the present document, then each change, until `stop`. To be called once. */
  watch(listener: DocumentListener): void;
  /** Ends the watch; nothing is told afterwards. */
  stop(): Promise<void>;
}
