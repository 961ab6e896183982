/**
 * Floor 3, the lowest room of HTTP: receives requests on the JDK's server and protects the node
 * from clients. It depends on no module but the base.
 *
 * <p>Begin with {@link bcast.http.server.RequestServer}, the one entrance of all requests, and
 * {@link bcast.http.server.Call}, a request ({@code RequestHead}, {@code ClientBody}) and its
 * answer ({@code AnswerStream}). One limit a file: {@code Listener} (connections),
 * {@code RequestSlots}, {@code RequestsPerAddress}, {@code MemoryBudget}, {@code Deadlines},
 * {@code StallTimeout}. Who may do what: {@code ClientAddress}, {@code OriginCheck},
 * {@code TokenCheck}.
 */
package bcast.http.server;
