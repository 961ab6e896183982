/**
 * Floor 1: keeps a store's records on disk. Begin with {@link bcast.storage.journal.Journal}, the
 * thread that follows the store; {@code JournalWriter} appends, {@code JournalReader} reads at the
 * start, {@code JournalDir} creates and deletes files, and {@code JournalPromise} is where clients
 * wait for the disk.
 *
 * <p>A directory has an empty file {@code lock}, held by the one node that uses it, and files
 * {@code news-NUMBER-SALT.journal} of about 8 MiB, read by ascending number (12 decimal digits).
 * The salt (16 hex digits) is random. A file is a sequence of frames without a header, big-endian:
 *
 * <pre>
 * u32 length of the record, its timestamp included
 * u32 CRC32C of the record
 * u32 CRC32C of the salt as u64 and of the eight bytes before
 * u64 timestamp, then the record's texts as JSON, see {@link bcast.data.Data#toWire}
 * </pre>
 *
 * <p>A damaged record is skipped. After a damaged head the reader looks for the next sound one,
 * byte by byte. Bytes after the last whole frame were being written when the node stopped.
 */
package bcast.storage.journal;
