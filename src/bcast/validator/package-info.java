/** Floor 1: deciding which records are genuine. */
package bcast.validator;
