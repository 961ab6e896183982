/**
 * Floor 3: takes records from clients, one as a JSON object or many as lines.
 *
 * <p>Begin with {@link bcast.http.posting.PostNewData}. A body is decoded ({@code DecodedBody},
 * {@code Gunzip}), split into lines if it is a batch ({@code LineReader}) and parsed
 * ({@code RecordParser}, {@code JsonReader}); each {@code PostedRecord} is delivered to the core,
 * whose outcome becomes the reply.
 */
package bcast.http.posting;
