/**
 * The cluster's secret, and the encryption of links that is derived from it.
 *
 * <p>{@link bcast.cluster.net.secret.Transport} is the way in for links: it reads and writes their
 * bytes, encrypted by {@link bcast.cluster.net.secret.Noise} if there are secrets.
 */
package bcast.cluster.net.secret;
