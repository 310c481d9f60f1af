/// Keys for these tests and nothing else, each in the forms that tools write.
enum RSAKeys {
    static let privatePKCS8 = """
        -----BEGIN PRIVATE KEY-----
        MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQDFefW88CEdcmcF
        TFVTGJLPCC0G1wsb668JSM7mblwn39LM/JJo21Vofh0qURSO7l+YL6kGFq4xjJet
        xFBCatOTFxJWOlViZ8w3Hw86FAXjY4t2aWNTxKOopNiFJXuoH59tqq9Xa8pn5nx1
        6Fp3vhYUVA1sz0desnMNZiEIimIe2Gq15Bl9j/uR4rvzJW10HiIx2XfRXQCXjuBN
        EwCIckJ6EKnTth0Rj83y2xm9t5vqLbJZ79RI1vOebxlKxSAQXC1k9VYC0q8i+bJY
        ykyMItPidIF6rXAZq7dEYUbp1D7hAthn2JdiaLmylpW3T9+fwImlyEEC/reo+dvv
        OF8WvJrJAgMBAAECggEAHjHPf//0hEjjlTUOf9nsSrEsl1TmuzJujVwfXK8HssYf
        uJ2u8k8FMGjGI1wJ6W/r2HyDGu35XRSq9ZQklH86kg1PTbV2LEmEOXJrlN0OaG4m
        WyjymdKhlo38GGG6lmKdcTqNvG98H6Znpeys9o2vWRTgB6DrAAEHpAcXanOkXKRE
        T82Sea55yanb6Y3Dx+gLA77zN2I2TuI/bWvgX2AMYVOcFCaof877atw59uN8mOkd
        MbMzqQMnq8FCyqW7MLe6f/kFS/twQH5KW8GyLlLb9cH6y8zg/CIFADToLeiyYEQ1
        KhOI8Qghv8JrnOVHHNE8yeRKww613vHADy4if3+iTQKBgQDuDw0oWT+X/5wsUwkB
        kApY9NXuT8hLwimV+9G/LSUEZEbuj1EuawIA2nNU3Vv3W+W06ATSK7ROQfU/+WVS
        MET3YbcFEpZTswrjSiZomhJy4CNrxDrJGsia/ii7CzMHlt3mGpDL4ltgtz+v4tVb
        gW0honIg8vxwbqx5FUUASPAarQKBgQDUW/BVvuz3nNXnPBPHLB4vi/EwYIF4knlR
        TNi/cZs0lbb+xlolxoUijDMlj/tlFj/qHFT0h7WWaYNYRQPqc3KhuFOLkzg0yVB1
        p3/M7V5ixNBbyY1zQZ2jbMRrRsGNGlgBANhbxm6mHgjI49QnZKq5I/1j5mgFXRgd
        OzC5J2BADQKBgQDt6drzfSaCKPISljXE+whsWNxI3DFIDVb0TwQTNPHuzqzZFCBE
        7KrG4YsrwEJ+FrieMNdImGcNYvvQoNWy6wyx01VO24GjSqdR+jQijABuEDU2KZm6
        jGr6A5H/RLUOG6fOpLQbHzDFmr4qcN9cISBI4gl/hnflgaYbKLeaDkrvzQKBgQC7
        9Ae6jLrFyc1U1UqYDUdGQ/EcJT5SjinMOFzazN1W5G/L/ZkKODPbyQT36QDTjqbR
        OXRD3d1tnEPBG4yEtNuvoSporcughNGu4KpvoWPZvWLA6ppEeb3hSEJsxHpIvhlI
        Agx85htG8exKicNbfnDQXrdF9Ub6AFR4gsv0BJLe/QKBgASsjCq2Ru7odREh4nK5
        OUI9FGFoTPMZ7mXRN0ab0zi1+QQh7mDwIyLVMH5FDeEZ8fI5gmUA4F5gBWyspl2G
        8KjeDgWEvCSMYl6Q23TPRREQ//yLsBFDGz/CwQuyus3sulLgbqtCaL9OT/d/arkR
        jndW8Tl9wLaR42+R6eq+wwtO
        -----END PRIVATE KEY-----
        """

    static let privatePKCS1 = """
        -----BEGIN RSA PRIVATE KEY-----
        MIIEpAIBAAKCAQEAxXn1vPAhHXJnBUxVUxiSzwgtBtcLG+uvCUjO5m5cJ9/SzPyS
        aNtVaH4dKlEUju5fmC+pBhauMYyXrcRQQmrTkxcSVjpVYmfMNx8POhQF42OLdmlj
        U8SjqKTYhSV7qB+fbaqvV2vKZ+Z8dehad74WFFQNbM9HXrJzDWYhCIpiHthqteQZ
        fY/7keK78yVtdB4iMdl30V0Al47gTRMAiHJCehCp07YdEY/N8tsZvbeb6i2yWe/U
        SNbznm8ZSsUgEFwtZPVWAtKvIvmyWMpMjCLT4nSBeq1wGau3RGFG6dQ+4QLYZ9iX
        Ymi5spaVt0/fn8CJpchBAv63qPnb7zhfFryayQIDAQABAoIBAB4xz3//9IRI45U1
        Dn/Z7EqxLJdU5rsybo1cH1yvB7LGH7idrvJPBTBoxiNcCelv69h8gxrt+V0UqvWU
        JJR/OpINT021dixJhDlya5TdDmhuJlso8pnSoZaN/BhhupZinXE6jbxvfB+mZ6Xs
        rPaNr1kU4Aeg6wABB6QHF2pzpFykRE/Nknmuecmp2+mNw8foCwO+8zdiNk7iP21r
        4F9gDGFTnBQmqH/O+2rcOfbjfJjpHTGzM6kDJ6vBQsqluzC3un/5BUv7cEB+SlvB
        si5S2/XB+svM4PwiBQA06C3osmBENSoTiPEIIb/Ca5zlRxzRPMnkSsMOtd7xwA8u
        In9/ok0CgYEA7g8NKFk/l/+cLFMJAZAKWPTV7k/IS8IplfvRvy0lBGRG7o9RLmsC
        ANpzVN1b91vltOgE0iu0TkH1P/llUjBE92G3BRKWU7MK40omaJoScuAja8Q6yRrI
        mv4ouwszB5bd5hqQy+JbYLc/r+LVW4FtIaJyIPL8cG6seRVFAEjwGq0CgYEA1Fvw
        Vb7s95zV5zwTxyweL4vxMGCBeJJ5UUzYv3GbNJW2/sZaJcaFIowzJY/7ZRY/6hxU
        9Ie1lmmDWEUD6nNyobhTi5M4NMlQdad/zO1eYsTQW8mNc0Gdo2zEa0bBjRpYAQDY
        W8Zuph4IyOPUJ2SquSP9Y+ZoBV0YHTswuSdgQA0CgYEA7ena830mgijyEpY1xPsI
        bFjcSNwxSA1W9E8EEzTx7s6s2RQgROyqxuGLK8BCfha4njDXSJhnDWL70KDVsusM
        sdNVTtuBo0qnUfo0IowAbhA1NimZuoxq+gOR/0S1DhunzqS0Gx8wxZq+KnDfXCEg
        SOIJf4Z35YGmGyi3mg5K780CgYEAu/QHuoy6xcnNVNVKmA1HRkPxHCU+Uo4pzDhc
        2szdVuRvy/2ZCjgz28kE9+kA046m0Tl0Q93dbZxDwRuMhLTbr6EqaK3LoITRruCq
        b6Fj2b1iwOqaRHm94UhCbMR6SL4ZSAIMfOYbRvHsSonDW35w0F63RfVG+gBUeILL
        9ASS3v0CgYAErIwqtkbu6HURIeJyuTlCPRRhaEzzGe5l0TdGm9M4tfkEIe5g8CMi
        1TB+RQ3hGfHyOYJlAOBeYAVsrKZdhvCo3g4FhLwkjGJekNt0z0UREP/8i7ARQxs/
        wsELsrrN7LpS4G6rQmi/Tk/3f2q5EY53VvE5fcC2keNvkenqvsMLTg==
        -----END RSA PRIVATE KEY-----
        """

    static let publicSPKI = """
        -----BEGIN PUBLIC KEY-----
        MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAxXn1vPAhHXJnBUxVUxiS
        zwgtBtcLG+uvCUjO5m5cJ9/SzPySaNtVaH4dKlEUju5fmC+pBhauMYyXrcRQQmrT
        kxcSVjpVYmfMNx8POhQF42OLdmljU8SjqKTYhSV7qB+fbaqvV2vKZ+Z8dehad74W
        FFQNbM9HXrJzDWYhCIpiHthqteQZfY/7keK78yVtdB4iMdl30V0Al47gTRMAiHJC
        ehCp07YdEY/N8tsZvbeb6i2yWe/USNbznm8ZSsUgEFwtZPVWAtKvIvmyWMpMjCLT
        4nSBeq1wGau3RGFG6dQ+4QLYZ9iXYmi5spaVt0/fn8CJpchBAv63qPnb7zhfFrya
        yQIDAQAB
        -----END PUBLIC KEY-----
        """

    static let publicPKCS1 = """
        -----BEGIN RSA PUBLIC KEY-----
        MIIBCgKCAQEAxXn1vPAhHXJnBUxVUxiSzwgtBtcLG+uvCUjO5m5cJ9/SzPySaNtV
        aH4dKlEUju5fmC+pBhauMYyXrcRQQmrTkxcSVjpVYmfMNx8POhQF42OLdmljU8Sj
        qKTYhSV7qB+fbaqvV2vKZ+Z8dehad74WFFQNbM9HXrJzDWYhCIpiHthqteQZfY/7
        keK78yVtdB4iMdl30V0Al47gTRMAiHJCehCp07YdEY/N8tsZvbeb6i2yWe/USNbz
        nm8ZSsUgEFwtZPVWAtKvIvmyWMpMjCLT4nSBeq1wGau3RGFG6dQ+4QLYZ9iXYmi5
        spaVt0/fn8CJpchBAv63qPnb7zhfFryayQIDAQAB
        -----END RSA PUBLIC KEY-----
        """

    static let privateJWK = """
        {"kty":"RSA","n":"xXn1vPAhHXJnBUxVUxiSzwgtBtcLG-uvCUjO5m5cJ9_SzPySaNtVaH4dKlEUju5fmC-pBhauMYyXrcRQQm\
        rTkxcSVjpVYmfMNx8POhQF42OLdmljU8SjqKTYhSV7qB-fbaqvV2vKZ-Z8dehad74WFFQNbM9HXrJzDWYhCIpiHthqteQZfY_7ke\
        K78yVtdB4iMdl30V0Al47gTRMAiHJCehCp07YdEY_N8tsZvbeb6i2yWe_USNbznm8ZSsUgEFwtZPVWAtKvIvmyWMpMjCLT4nSBeq\
        1wGau3RGFG6dQ-4QLYZ9iXYmi5spaVt0_fn8CJpchBAv63qPnb7zhfFryayQ","e":"AQAB","d":"HjHPf__0hEjjlTUOf9nsSr\
        Esl1TmuzJujVwfXK8HssYfuJ2u8k8FMGjGI1wJ6W_r2HyDGu35XRSq9ZQklH86kg1PTbV2LEmEOXJrlN0OaG4mWyjymdKhlo38GG\
        G6lmKdcTqNvG98H6Znpeys9o2vWRTgB6DrAAEHpAcXanOkXKRET82Sea55yanb6Y3Dx-gLA77zN2I2TuI_bWvgX2AMYVOcFCaof8\
        77atw59uN8mOkdMbMzqQMnq8FCyqW7MLe6f_kFS_twQH5KW8GyLlLb9cH6y8zg_CIFADToLeiyYEQ1KhOI8Qghv8JrnOVHHNE8ye\
        RKww613vHADy4if3-iTQ","p":"7g8NKFk_l_-cLFMJAZAKWPTV7k_IS8IplfvRvy0lBGRG7o9RLmsCANpzVN1b91vltOgE0iu0T\
        kH1P_llUjBE92G3BRKWU7MK40omaJoScuAja8Q6yRrImv4ouwszB5bd5hqQy-JbYLc_r-LVW4FtIaJyIPL8cG6seRVFAEjwGq0",\
        "q":"1FvwVb7s95zV5zwTxyweL4vxMGCBeJJ5UUzYv3GbNJW2_sZaJcaFIowzJY_7ZRY_6hxU9Ie1lmmDWEUD6nNyobhTi5M4NMl\
        Qdad_zO1eYsTQW8mNc0Gdo2zEa0bBjRpYAQDYW8Zuph4IyOPUJ2SquSP9Y-ZoBV0YHTswuSdgQA0"}
        """

    static let publicJWK = """
        {"kty":"RSA","n":"xXn1vPAhHXJnBUxVUxiSzwgtBtcLG-uvCUjO5m5cJ9_SzPySaNtVaH4dKlEUju5fmC-pBhauMYyXrcRQQm\
        rTkxcSVjpVYmfMNx8POhQF42OLdmljU8SjqKTYhSV7qB-fbaqvV2vKZ-Z8dehad74WFFQNbM9HXrJzDWYhCIpiHthqteQZfY_7ke\
        K78yVtdB4iMdl30V0Al47gTRMAiHJCehCp07YdEY_N8tsZvbeb6i2yWe_USNbznm8ZSsUgEFwtZPVWAtKvIvmyWMpMjCLT4nSBeq\
        1wGau3RGFG6dQ-4QLYZ9iXYmi5spaVt0_fn8CJpchBAv63qPnb7zhfFryayQ","e":"AQAB"}
        """

    /// Of 1024 bits.
    static let shortPublicSPKI = """
        -----BEGIN PUBLIC KEY-----
        MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDsUeaJbKSKY7b5UuIx2nRwWajr
        xiwiX6Csh9n5LgtaGHg5SGA0Kq6TN+kF89tpy0QhY1EblHsTxffaNJPx7FCm/5qd
        5FC01Qomw7uhinuFeSoMSbz9EI70ggHgQGlsTUu8LyE1RlsqdsSIaUhs6wfz2q/r
        oADvFbdNW1auA3G6YQIDAQAB
        -----END PUBLIC KEY-----
        """

    /// Of 1024 bits.
    static let shortPrivatePKCS8 = """
        -----BEGIN PRIVATE KEY-----
        MIICeAIBADANBgkqhkiG9w0BAQEFAASCAmIwggJeAgEAAoGBAOxR5olspIpjtvlS
        4jHadHBZqOvGLCJfoKyH2fkuC1oYeDlIYDQqrpM36QXz22nLRCFjURuUexPF99o0
        k/HsUKb/mp3kULTVCibDu6GKe4V5KgxJvP0QjvSCAeBAaWxNS7wvITVGWyp2xIhp
        SGzrB/Par+ugAO8Vt01bVq4DcbphAgMBAAECgYEA0z+DLWWI0IzCi62jtZzqaWQ8
        tEa6PR/uqUvnde/LBgbJsasZFIjy9XcNPtz2TmP9yzrUziq0usBFBzHo7mGo1WfY
        /PVrIT90/0T5X7BhSacWpGsOMS7EXytNn57HXEhLr3VghYQ8FgP+h7WgE+HF/ayT
        ledVS5cKisbQGH6/mAECQQD79nKDf8uPEC70NGvMVHu1VB+Tjx9MdzDB5DC6H214
        NeAJoYXg6Hfs/4yGASii0jsWSeTp9cVrddjhCEkYvenxAkEA8BtJWC5TZUWWpx0O
        Vkl2lrP/7mpuOihp8aGJJ/Dfi9AVix9uofQ1USbrye88KeSNBeetB7ovupbioCdQ
        VNXncQJBAL4fXJF1YPh20bdbxuvL4/0TmTATEx7z4UqtEUegZ04J+R/LTeZEBBpF
        SpfjT/JsiEFtSNpxpaJMrnY/dkjBJUECQDMI+bv+jMdX1T/ME0IP917s/5dDlA5U
        jMBJX4fX0Qw8vHeHxNIzwClxpmiTqywUYk1BAyxDTOXSMHVuJcsCdGECQQCldNHz
        npTKKa6vzYkvSGnTrqYiTmX5VnljBUpH6t8/fBtdu7SnhfXsxoSaI4eKJ5CMQbpi
        y7bzF9VizEv/V5BF
        -----END PRIVATE KEY-----
        """

    /// Of 1024 bits.
    static let shortJWK = """
        {"kty":"RSA","n":"7FHmiWykimO2-VLiMdp0cFmo68YsIl-grIfZ-S4LWhh4OUhgNCqukzfpBfPbactEIWNRG5R7E8X32jST8e\
        xQpv-aneRQtNUKJsO7oYp7hXkqDEm8_RCO9IIB4EBpbE1LvC8hNUZbKnbEiGlIbOsH89qv66AA7xW3TVtWrgNxumE","e":"AQAB\
        "}
        """
}
