/**
 * Floor 3: serves clients over HTTP. {@link bcast.http.Frontend} is the interface of any front end;
 * {@link bcast.http.HttpModule} is the default, and its table of routes is where to begin reading.
 * Four packages below are internal: {@code server} receives requests and bounds what clients may
 * take, {@code posting} and {@code reading} move records, {@code operations} reports on the node.
 */
package bcast.http;
