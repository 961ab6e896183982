/**
 * The cluster's secret, and the encryption of links that is derived from it.
 * {@link bcast.cluster.net.secret.Transport} is the way in for links.
 */
package bcast.cluster.net.secret;
