/**
 * Floor 3: shows the state of the node to people and programs that operate it: health and
 * readiness, metrics, members, the page, and the description of the API.
 *
 * <p>Begin with {@link bcast.http.operations.Health}; each path has a class of its own.
 */
package bcast.http.operations;
