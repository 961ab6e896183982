/**
 * Floor 3, the lowest room of HTTP: receives requests on the JDK's server and protects the node
 * from clients. It limits connections, requests, memory and time, checks origins and tokens, and
 * reads bodies and writes answers within those limits. It depends on no module but the base.
 *
 * <p>Begin with {@link bcast.http.server.RequestServer}, the one entrance of all requests, and
 * {@link bcast.http.server.Call}, a request and its answer. Then one limit a file:
 * {@code RequestSlots}, {@code RequestsPerAddress}, {@code Deadlines}, {@code StallTimeout},
 * {@code MemoryBudget}, {@code JdkServerSettings}.
 */
package bcast.http.server;
