/** Floor 2: the node among its peers. */
package bcast.cluster;
