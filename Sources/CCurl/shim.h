// The door to libcurl. Imported by HTTPClient and by nothing else.
// Swift refuses variadic functions, so each argument type of the option calls has a wrapper here.
#ifndef DAYBOOK_CCURL_SHIM_H
#define DAYBOOK_CCURL_SHIM_H

#include <curl/curl.h>

static inline CURLcode daybook_curl_set_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode daybook_curl_set_string(
    CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode daybook_curl_set_pointer(CURL *handle, CURLoption option, void *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode daybook_curl_set_offset(
    CURL *handle, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode daybook_curl_set_list(
    CURL *handle, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(handle, option, value);
}

// The write, header and read callbacks share this type.
typedef size_t (*daybook_curl_data_callback)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode daybook_curl_set_callback(
    CURL *handle, CURLoption option, daybook_curl_data_callback value) {
    return curl_easy_setopt(handle, option, value);
}

// Called with the address of the connection before each request goes over it.
static inline CURLcode daybook_curl_set_prerequest(
    CURL *handle, curl_prereq_callback value, void *context) {
    CURLcode result = curl_easy_setopt(handle, CURLOPT_PREREQDATA, context);
    return result == CURLE_OK ? curl_easy_setopt(handle, CURLOPT_PREREQFUNCTION, value) : result;
}

static inline CURLcode daybook_curl_get_long(CURL *handle, CURLINFO information, long *value) {
    return curl_easy_getinfo(handle, information, value);
}

static inline CURLMcode daybook_curl_multi_set_long(
    CURLM *handle, CURLMoption option, long value) {
    return curl_multi_setopt(handle, option, value);
}

#endif
