/**
 * Floor 3: takes records from clients, one as a JSON object or many as lines.
 *
 * <p>Begin with {@link bcast.http.posting.PostNewData}. A body is decoded ({@code DecodedBody},
 * {@code Gunzip}), split into lines if it is a batch ({@code LineReader}) and parsed
 * ({@code RecordParser}, {@code JsonReader}); each record is delivered to the core, and its outcome
 * becomes a {@code Reply}.
 */
package bcast.http.posting;
