/** Floor 3: the node's HTTP face, on the JDK's own server. */
package bcast.http;
