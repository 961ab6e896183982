/** Floor 2: the one place where records are judged, from clients and from peers alike. */
package bcast.core;
