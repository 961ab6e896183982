/**
 * Floor 3: sends stored records to clients as a whole list, page by page, one by its id, or as a
 * stream of events.
 *
 * <p>Begin with {@link bcast.http.reading.ListAllRecentData}. Pages and streams follow the order of
 * arrival ({@code ArrivedRecords}), in which {@link bcast.http.reading.Cursors} mark a place.
 */
package bcast.http.reading;
