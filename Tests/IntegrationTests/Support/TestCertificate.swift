/// A key and its own certificate for `localhost`, which nobody trusts.
enum TestCertificate {
    static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg9Lsur6b/H/9A7Tpg
        e9A2cpidNVdEFAAhPvb+igvzbDahRANCAARJoDVThNRA7P3+a0B+t5V0ofwOZfob
        UDZEDZYUx5QwtdblQ/aqxXK4Dgs+W0YgDf5B/QKNxq7UmGMWhvOL8cir
        -----END PRIVATE KEY-----
        """
    static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBlTCCATugAwIBAgIUWYPsVplIBekvZHmBL9kBieO7Qk8wCgYIKoZIzj0EAwIw
        FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMzA0MTMxNFoYDzIxMjYxMDMw
        MDQxMzE0WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
        PQMBBwNCAARJoDVThNRA7P3+a0B+t5V0ofwOZfobUDZEDZYUx5QwtdblQ/aqxXK4
        Dgs+W0YgDf5B/QKNxq7UmGMWhvOL8ciro2kwZzAdBgNVHQ4EFgQUr8ET1/zFQkj1
        LMVPET8qH1Vpd7IwHwYDVR0jBBgwFoAUr8ET1/zFQkj1LMVPET8qH1Vpd7IwDwYD
        VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
        SAAwRQIgH7PSFa8GfmiFlWtpanxrQBHyOVhxGmIkssIRP4D+HDgCIQCT7MfjZ3wV
        mTQbPfSzCi9T+juNLjlTCn8rh8AVr/ZsUQ==
        -----END CERTIFICATE-----
        """

    /// Both, as one file has them.
    static let both = "\(certificate)\n\(key)\n"
}
