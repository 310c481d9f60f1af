/// Keys for these tests and nothing else, each in the forms that tools write.
enum ECKeys {
    static let privatePKCS8 = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgYAfP99GtXjfNi1M2
        R+T2vNf8fjnxNVGJBC4nLAuGj7ahRANCAARKPV50L3M0UvffGAR+mRo9wiG5FXSg
        t56dwK7RdgsjV5Yp9fKh7f070BM5oXGZWU0PxP4m1E1q+/CZ2S5zbeWF
        -----END PRIVATE KEY-----
        """

    static let privateSEC1 = """
        -----BEGIN EC PRIVATE KEY-----
        MHcCAQEEIGAHz/fRrV43zYtTNkfk9rzX/H458TVRiQQuJywLho+2oAoGCCqGSM49
        AwEHoUQDQgAESj1edC9zNFL33xgEfpkaPcIhuRV0oLeencCu0XYLI1eWKfXyoe39
        O9ATOaFxmVlND8T+JtRNavvwmdkuc23lhQ==
        -----END EC PRIVATE KEY-----
        """

    static let publicSPKI = """
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAESj1edC9zNFL33xgEfpkaPcIhuRV0
        oLeencCu0XYLI1eWKfXyoe39O9ATOaFxmVlND8T+JtRNavvwmdkuc23lhQ==
        -----END PUBLIC KEY-----
        """

    static let privateJWK = """
        {"kty":"EC","crv":"P-256","x":"Sj1edC9zNFL33xgEfpkaPcIhuRV0oLeencCu0XYLI1c","y":"lin18qHt_TvQEzmhcZl\
        ZTQ_E_ibUTWr78JnZLnNt5YU","d":"YAfP99GtXjfNi1M2R-T2vNf8fjnxNVGJBC4nLAuGj7Y"}
        """

    static let publicJWK = """
        {"kty":"EC","crv":"P-256","x":"Sj1edC9zNFL33xgEfpkaPcIhuRV0oLeencCu0XYLI1c","y":"lin18qHt_TvQEzmhcZl\
        ZTQ_E_ibUTWr78JnZLnNt5YU"}
        """

    /// Of another pair.
    static let otherPublicSPKI = """
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEmiU+dTWVEt/yEvTh9YVgO2uhQeVF
        Yj/aJSgb4CeQuBtfPCbxxVhtqjcGxFjnA2YYxzqwXw5E1V1enzUBlk3EPA==
        -----END PUBLIC KEY-----
        """

    /// The public half of one pair with the private half of another.
    static let mixedJWK = """
        {"kty":"EC","crv":"P-256","x":"Sj1edC9zNFL33xgEfpkaPcIhuRV0oLeencCu0XYLI1c","y":"lin18qHt_TvQEzmhcZl\
        ZTQ_E_ibUTWr78JnZLnNt5YU","d":"pG4HuhovjILtQz2JxNzqkViLOqJxV3WfGiSu4J-Fscw"}
        """

    static let p384PublicSPKI = """
        -----BEGIN PUBLIC KEY-----
        MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEb1lkII+PyoXuIhNO38Fxvvxgw1cFiffC
        XuqIRk/2LKrFlMCrG808dFO/Devdn4SfhRKQvZPu79NJC1ZcpJCBTO3gorMXfz9Q
        PCjm4Sx4cGW2AyblZPOyhLM9odseSa8x
        -----END PUBLIC KEY-----
        """

    static let p384PrivatePKCS8 = """
        -----BEGIN PRIVATE KEY-----
        MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDBvqwwh0pquEnXa+q8z
        T4fK9jrw2cFNu3ugvA/ShiJKRO/vvpVylrslSzk4xklZg96hZANiAARvWWQgj4/K
        he4iE07fwXG+/GDDVwWJ98Je6ohGT/YsqsWUwKsbzTx0U78N692fhJ+FEpC9k+7v
        00kLVlykkIFM7eCisxd/P1A8KObhLHhwZbYDJuVk87KEsz2h2x5JrzE=
        -----END PRIVATE KEY-----
        """

    static let p384JWK = """
        {"kty":"EC","crv":"P-384","x":"b1lkII-PyoXuIhNO38Fxvvxgw1cFiffCXuqIRk_2LKrFlMCrG808dFO_Devdn4Sf","y"\
        :"hRKQvZPu79NJC1ZcpJCBTO3gorMXfz9QPCjm4Sx4cGW2AyblZPOyhLM9odseSa8x"}
        """
}
