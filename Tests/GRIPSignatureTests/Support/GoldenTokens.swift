/// Tokens that PyJWT made; all expire at the beginning of 2100.
enum PyJWTTokens {
    /// With the secret `changeme`.
    static let hs256 = """
        eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJwdXNocGluIiwiZXhwIjo0MTAyNDQ0ODAwfQ.6PB-xF70HXxoGO1k\
        yMRzPuLZmg-JFEl8CHkuuipJLYE
        """

    /// With ``ECKeys``.
    static let es256 = """
        eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJwdXNocGluIiwiZXhwIjo0MTAyNDQ0ODAwfQ.var1CPTLLHr-OyVa\
        NGcDEVhh7GZXAW24TqXFTLfog0WDDt1b_4S9BSUwDNCnV-Cbk_FYx3PZdcYPHoXvdNhrOw
        """

    /// With ``RSAKeys``.
    static let rs256 = """
        eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJwdXNocGluIiwiZXhwIjo0MTAyNDQ0ODAwfQ.VJBXdhKLnW9E4OR7\
        XvFESaqxuhwk63fKQC4rvXVsjC1ymlsOykCJxWKwpufD1e8cAf5bkBnXuS0cglo2Ho0f6XTjEdC1avwvfF1q0uO3-VlrWNHpJtMd\
        0f9sIJ4ZGK5A6u5c_WaxuUyyy93Ykc16G-drcEA2BY7FCv4J4ZnVj9mEGEmtXmmRob91M8RXJNgjDvAMkRb3SjFFWdYuTGgvxnMO\
        6fR0-7dBo2P1FnPjhNHX34dal5vsDj6PfHRZ43d7NGXwDQwoUAuRfSKU3zn4lv1RWzgA8b4zymU-uPwXw9ZH6aPXOTBcSHIWdIJZ\
        GGuHQNun4NvcYUU8SlW_Eq_0uw
        """

    /// With the secret `changeme`, and `kid`, `iat`, `nbf`, `aud`, `sub` and `jti`, none of which counts here.
    static let manyClaims = """
        eyJhbGciOiJIUzI1NiIsImtpZCI6IjEiLCJ0eXAiOiJKV1QifQ.eyJpc3MiOiJwdXNocGluIiwiZXhwIjo0MTAyNDQ0ODAwLCJpY\
        XQiOjQxMDI0NDEyMDAsIm5iZiI6MTcwMDAwMDAwMCwiYXVkIjpbImEiLCJiIl0sInN1YiI6InMiLCJqdGkiOiIxIn0.I3G9b7nVN\
        yVxjjSlkkxUA4MPN_pDNCkTEabDWQ_7-7U
        """

    /// With the secret `changeme` and three quarters of a second in `exp`.
    static let fractionalExpiry = """
        eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJwdXNocGluIiwiZXhwIjo0MTAyNDQ0ODAwLjc1fQ.78xPae2pmQWS\
        IyWLEBDCRmxrHWu4aMdb1uW-U7TIEAo
        """
}

/// What an issuer must make at 1800000000 seconds, by the plain algorithms; ES256 is random and so not among them.
enum ExpectedTokens {
    /// With the secret `changeme`.
    static let hs256 = """
        eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJleHAiOjE4MDAwMDM2MDAsImlzcyI6InB1c2hwaW4ifQ.xHdFCnBS4pbsWUOz\
        1XaAmSrB8JBVMz0o3an4tYWMr84
        """

    /// With ``RSAKeys``.
    static let rs256 = """
        eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJleHAiOjE4MDAwMDM2MDAsImlzcyI6InB1c2hwaW4ifQ.ate241MIMZ06edxK\
        iKt5WudNvoPxWRkDGNWeOz3OTNxvTauYVIGVfW65dna1e2AagbzJbOK58vrBKt_ZBf5NwypYL2fqEBNsmimUi_t3Cr69QUlfQGBv\
        PhJsrPw5h6CuxDNzfW8eZLNqwlQLXEUrK_TSkVuX7fobJ7fSQN4PGrPgygbeigwDwvLi5j0dgbTSlHzMJ7dItF36R7nOYFsykcHZ\
        1W5k-UFlsMXxdlVna6yCjd7dfWTslkHMzEeMOZbMQLmDL6PiIuy8fbHExiLHwN72BsfJq-6DdJGDOjbGR3ZrrpbntAEAfGNjSR6-\
        9CyL1TDiHBhEGuN2ts5D4Xs_ig
        """
}
