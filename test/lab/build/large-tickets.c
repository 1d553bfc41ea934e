/*
 * A module of MIT's KDC that makes tickets as large as those of Active Directory, where they hold the groups of their
 * principal: one that is called `large-N` gets N bytes of authorization data of a type that nobody reads, at its login. The
 * KDC itself carries them over into every ticket that is got with that one.
 *
 * The interface is that of src/include/krb5/kdcauthdata_plugin.h, which Debian does not ship.
 */
#include <errno.h>
#include <krb5/krb5.h>
#include <krb5/plugin.h>
#include <stdlib.h>
#include <string.h>

/* RFC 4120 section 5.2.6: negative types are for local use. */
#define LOCAL_TYPE -7

typedef krb5_error_code (*handle_fn)(krb5_context, void *data, unsigned int flags, void *client, void *server,
                                     void *tgs, krb5_keyblock *client_key, krb5_keyblock *server_key,
                                     krb5_keyblock *tgs_key, krb5_data *packet, void *request,
                                     krb5_const_principal for_user, krb5_enc_tkt_part *got_with,
                                     krb5_enc_tkt_part *reply);
struct vtable {
    const char *name;
    void *init;
    void *fini;
    handle_fn handle;
};

static long bytes_for(krb5_const_principal principal)
{
    static const char prefix[] = "large-";
    const krb5_data *name = &principal->data[0];
    char digits[16] = "";
    if (principal->length != 1 || name->length < sizeof(prefix) || name->length - sizeof(prefix) + 1 >= sizeof(digits))
        return 0;
    if (memcmp(name->data, prefix, sizeof(prefix) - 1) != 0)
        return 0;
    memcpy(digits, name->data + sizeof(prefix) - 1, name->length - sizeof(prefix) + 1);
    return strtol(digits, NULL, 10);
}

static krb5_error_code enlarge(krb5_context context, void *data, unsigned int flags, void *client, void *server,
                               void *tgs, krb5_keyblock *client_key, krb5_keyblock *server_key,
                               krb5_keyblock *tgs_key, krb5_data *packet, void *request,
                               krb5_const_principal for_user, krb5_enc_tkt_part *got_with, krb5_enc_tkt_part *reply)
{
    krb5_authdata element = {0}, *list[] = {&element, NULL}, **container = NULL, **merged = NULL;
    krb5_error_code code;
    long bytes = bytes_for(reply->client);

    if (got_with != NULL || bytes <= 0)
        return 0;
    element.ad_type = LOCAL_TYPE;
    element.length = bytes;
    element.contents = calloc(1, bytes);
    if (element.contents == NULL)
        return ENOMEM;
    code = krb5_encode_authdata_container(context, KRB5_AUTHDATA_IF_RELEVANT, list, &container);
    if (code == 0)
        code = krb5_merge_authdata(context, reply->authorization_data, container, &merged);
    if (code == 0) {
        krb5_free_authdata(context, reply->authorization_data);
        reply->authorization_data = merged;
    }
    krb5_free_authdata(context, container);
    free(element.contents);
    return code;
}

krb5_error_code kdcauthdata_large_initvt(krb5_context context, int major, int minor, krb5_plugin_vtable vtable)
{
    struct vtable *table = (struct vtable *)vtable;
    if (major != 1)
        return KRB5_PLUGIN_VER_NOTSUPP;
    table->name = "large";
    table->handle = enlarge;
    return 0;
}
